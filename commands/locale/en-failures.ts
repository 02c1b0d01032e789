/** Why a request that was accepted came to nothing, by the failure's code; the name is what it was about. */
export const enFailures = {
  crashed: 'The engine broke down several times over this picture; it costs nothing. Try another size or prompt.',
  deadline: 'Drawing took too long and was stopped; it costs nothing. Try fewer steps or a smaller size.',
  out_of_memory: 'The picture is too large for the memory of this machine; it costs nothing. Try a smaller size.',
  content: (label: string) =>
    `The picture was held back because it looks like "${label}"; it costs nothing. Ask for something else.`,
  not_finite: (file: string) =>
    file === ''
      ? 'The numbers of this picture grew beyond all bounds; it costs nothing. Lower the weights of its LoRAs and words, or the guidance.'
      : `"${file}" is broken: it holds values that are no numbers; the picture costs nothing. Draw without it, and tell the operator to fetch it again.`,
  missing: 'The picture that this starts from is gone; it costs nothing. Draw it again.',
  lost: 'The picture was drawn, but what was stored of it is damaged; it costs nothing. Please ask for it again.',
  undelivered: (platform: string) =>
    `The picture is drawn, but ${platform} does not take it here; it costs nothing. /history shows it, and the buttons work.`,
  storage: 'There is no room left to store pictures; it costs nothing. Tell the operator.',
  internal: 'Something broke while drawing; it costs nothing. Try again, and tell the operator if it stays so.',
};
