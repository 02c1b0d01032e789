/**
 * Texts that break or misuse chat clients, each with a part that a reader must still find in what is shown.
 * The tests of every platform share them.
 */
export interface HostileText {
  readonly name: string;
  readonly text: string;
  readonly remains: string;
}

export const hostileTexts: readonly HostileText[] = [
  { name: 'mass mentions', text: 'a cat @everyone @here', remains: 'a cat' },
  {
    name: "Discord's mentions",
    text: 'a cat <@80351110224678912> <@&165511591545143296> <#103735883630395392>',
    remains: 'a cat',
  },
  {
    name: "Slack's mentions",
    text: 'a cat <!channel> <!here|here> <@U0ASKER01> <!subteam^S012AB3CD>',
    remains: 'a cat',
  },
  {
    name: 'markdown',
    text: 'a cat **bold** _thin_ ~~gone~~ `code` ||spoiler|| # head\n> quote\n- list\n```js\nfence',
    remains: 'a cat',
  },
  {
    name: 'links',
    text: 'a cat [free](https://evil.example) <https://evil.example|bank> https://evil.example',
    remains: 'a cat',
  },
  {
    name: 'HTML',
    text: 'a cat <script>alert(1)</script><img src=x onerror=alert(1)> &amp; &lt;b&gt;',
    remains: 'a cat',
  },
  {
    name: 'timestamps and commands',
    text: 'a cat <t:1618953630:R> </imagine:1234> :tada: <:cat:1234>',
    remains: 'a cat',
  },
  { name: 'bidirectional overrides', text: 'a cat \u202egnp.exe\u202c \u2066hidden\u2069 \u200fx', remains: 'a cat' },
  {
    name: 'zero-width characters',
    text: 'a cat @\u200beveryone \u200b\u200c\u2060\ufeff<\u200b!channel>',
    remains: 'a cat',
  },
  { name: 'control characters', text: 'a cat \u0000\u0007\u001b[31m\u0085 end', remains: 'a cat' },
  { name: 'lone surrogates', text: 'a cat \ud83d and \ude00', remains: 'a cat' },
  { name: 'combining marks without end', text: `a cat z${'\u0351'.repeat(500)}`, remains: 'a cat' },
  { name: '4,000 characters', text: `a cat ${'x'.repeat(3994)}`, remains: 'a cat xxx' },
  { name: '4,000 characters of markup', text: `a cat ${'<&>*_`'.repeat(665)}`, remains: 'a cat' },
  { name: '4,000 code units of families', text: `a cat ${'👨‍👩‍👧‍👦'.repeat(363)}`, remains: 'a cat' },
];
