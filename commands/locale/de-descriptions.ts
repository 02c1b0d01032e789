/** What commands and their options say of themselves, in German, by the English of their definitions. */
export const deDescriptions: Readonly<Record<string, string>> = {
  'Draw a picture from words': 'Ein Bild nach Worten zeichnen',
  'What to draw, in words': 'Was zu sehen sein soll, in Worten',
  'What to keep out of the picture': 'Was auf dem Bild nicht zu sehen sein soll',
  'Width to height, such as 16:9; the nearest size that the model knows is taken':
    'Breite zu Höhe, etwa 16:9; genommen wird die nächste Größe, die das Modell kennt',
  'WIDTHxHEIGHT in pixels, multiples of 8 (instead of aspect)': 'BREITExHÖHE in Pixeln, Vielfache von 8 (statt aspect)',
  'How many pictures; seeds count up from the first': 'Wie viele Bilder; die Seeds zählen vom ersten an weiter',
  'The same seed and options give the same picture; by default a random one':
    'Derselbe Seed und dieselben Optionen geben dasselbe Bild; sonst ein zufälliger',
  'More steps take longer and draw more carefully': 'Mehr Schritte dauern länger und zeichnen sorgfältiger',
  'How closely to follow the prompt; 1 switches guidance off':
    'Wie genau der Prompt befolgt wird; 1: gar nicht gelenkt',
  'Tames colours that strong guidance burns: 0 is off, 0.7 is usual':
    'Zähmt Farben, die starke Lenkung verbrennt: 0 ist aus, 0.7 üblich',
  'The method that removes the noise': 'Das Verfahren, das das Rauschen entfernt',
  'Faster and a little less exact: coarse features are kept over steps':
    'Schneller und etwas ungenauer: grobe Merkmale werden über Schritte behalten',
  'A style to put around the prompt': 'Ein Stil, der den Prompt umgibt',
  'The model that draws': 'Das Modell, das zeichnet',
  'on, auto, or the base’s share such as 0.8; by default off: Refine is a button under the picture':
    'on, auto oder der Anteil des Grundmodells wie 0.8; sonst off: „Verfeinern“ steht unter dem Bild',
  'LoRAs with their weights, such as watercolour:0.8, grain; <lora:name:0.8> in the prompt does too':
    'LoRAs mit Gewichten, etwa watercolour:0.8, grain; im Prompt auch <lora:name:0.8>',
  'Another prompt for the second text encoder; by default both read the same':
    'Ein anderer Prompt für den zweiten Textencoder; sonst lesen beide denselben',
  'Another negative prompt for the second text encoder': 'Ein anderer negativer Prompt für den zweiten Textencoder',
  'List the LoRAs, embeddings and wildcards that a prompt may name':
    'Die LoRAs, Embeddings und Platzhalter aufzählen, die ein Prompt nennen darf',
  'Choose the LoRAs that members may use; without one, all':
    'Die LoRAs wählen, die Mitglieder nutzen dürfen; ohne eine alle',
  'The LoRA': 'Die LoRA',
  'A picture to start from; where it is transparent, only that is drawn':
    'Ein Bild, von dem ausgegangen wird; wo es durchsichtig ist, wird nur das gezeichnet',
  'What of it to draw anew: white on black, or a hole in a picture':
    'Was davon neu gezeichnet wird: weiß auf schwarz, oder ein Loch in einem Bild',
  'How far from that picture: 0.01 is hardly, 1 is all the way':
    'Wie weit weg von diesem Bild: 0.01 kaum, 1 ganz und gar',
  'Only you see the picture': 'Nur du siehst das Bild',
  'The id of a recipe or a picture whose other options are taken over':
    'Die Id eines Rezepts oder Bildes, dessen übrige Optionen gelten',
  'Let the refiner work out the details of a picture': 'Den Refiner die Einzelheiten eines Bildes ausarbeiten lassen',
  'The id of a picture, a request or a recipe': 'Die Id eines Bildes, eines Auftrags oder eines Rezepts',
  'Enlarge a picture': 'Ein Bild vergrößern',
  'How many times as wide and as high; 2 by default': 'Wievielmal so breit und so hoch; sonst 2',
  'The network that enlarges, or lanczos for plain resampling':
    'Das Netz, das vergrößert, oder lanczos für bloßes Umrechnen',
  'Let the model draw finer detail into it, which takes longer':
    'Das Modell feinere Einzelheiten hineinzeichnen lassen, was länger dauert',
  'Draw a part of a picture anew': 'Einen Teil eines Bildes neu zeichnen',
  'What is to be seen there; by default what the picture shows':
    'Was dort zu sehen sein soll; sonst, was das Bild zeigt',
  'Which part: white on black, or the picture with a hole in it':
    'Welcher Teil: weiß auf schwarz, oder das Bild mit einem Loch',
  'How far from what is there now: 0.01 is hardly, 1 is all the way':
    'Wie weit weg von dem, was jetzt dort ist: 0,01 kaum, 1 ganz',
  'Draw what is around a picture, which becomes smaller': 'Zeichnen, was um ein Bild herum ist, das kleiner wird',
  'How many times as much is seen; 2 by default': 'Wievielmal so viel zu sehen ist; sonst 2',
  'What the wider picture shows; by default what the picture shows':
    'Was das weitere Bild zeigt; sonst, was das Bild zeigt',
  'Show one picture with all that can be done with it': 'Ein Bild zeigen, mit allem, was damit zu machen ist',
  'Extend a picture to one side': 'Ein Bild zu einer Seite hin erweitern',
  'To which side; right by default': 'Zu welcher Seite; sonst nach rechts',
  'What is there; by default what the picture shows': 'Was dort ist; sonst, was das Bild zeigt',
  'Draw a variation of a picture': 'Ein Bild abgewandelt zeichnen',
  'How much may change; strong by default': 'Wie viel sich ändern darf; sonst stark',
  'Draw the same again with a new seed': 'Dasselbe noch einmal mit neuem Seed zeichnen',
  'Change the prompt or the options of a picture and draw it again':
    'Prompt oder Optionen eines Bildes ändern und es neu zeichnen',
  'Show a recipe: the prompt, the seed and every option': 'Ein Rezept zeigen: Prompt, Seed und alle Optionen',
  'Draw a recipe again, exactly: by its id, or from a picture that Easel made':
    'Ein Rezept genau so noch einmal zeichnen: nach seiner Id oder einem Bild von Easel',
  'A PNG that Easel made, as it was downloaded': 'Ein PNG von Easel, wie es heruntergeladen wurde',
  'Delete the pictures of a request, or cancel it': 'Die Bilder eines Auftrags löschen, oder ihn abbrechen',
  'Cancel a request; without an id, your newest one': 'Einen Auftrag abbrechen; ohne Id deinen neuesten',
  'Show what is waiting, and when it will be drawn': 'Zeigen, was wartet und wann es gezeichnet wird',
  'Show how much you may still draw': 'Zeigen, wie viel du noch zeichnen darfst',
  'Show your pictures, newest first': 'Deine Bilder zeigen, die neuesten zuerst',
  'Go on after the picture with this id': 'Nach dem Bild mit dieser Id weitergehen',
  'Show or set your own defaults': 'Deine eigenen Vorgaben zeigen oder setzen',
  'The style around the prompt': 'Der Stil um den Prompt',
  'Width to height, such as 16:9': 'Breite zu Höhe, etwa 16:9',
  'What to keep out of every picture': 'Was auf keinem Bild zu sehen sein soll',
  Steps: 'Schritte',
  'How closely to follow the prompt': 'Wie genau der Prompt befolgt wird',
  'Whether the refiner ends each picture': 'Ob der Refiner jedes Bild vollendet',
  'How many pictures at once': 'Wie viele Bilder auf einmal',
  'Whether only the requester sees the pictures': 'Ob nur die Bilder sieht, wer sie verlangt hat',
  'Begin with none: forget those that are set': 'Von vorn: die gesetzten vergessen',
  'List the styles': 'Die Stile aufzählen',
  'List the models': 'Die Modelle aufzählen',
  'List the commands, or the options of one': 'Die Befehle aufzählen, oder die Optionen von einem',
  'The command to tell about': 'Der Befehl, von dem erzählt wird',
  'Delete your pictures, prompts and defaults': 'Deine Bilder, Prompts und Vorgaben löschen',
  'yes: do it now, without asking': 'yes: jetzt gleich, ohne Nachfrage',
  'Show every rule of this place': 'Alle Regeln dieses Servers zeigen',
  'Set how much may be drawn: by each member, or by those named':
    'Festlegen, wie viel gezeichnet werden darf: von jedem, oder von den Genannten',
  'At most this many': 'Höchstens so viele',
  'What is counted': 'Was gezählt wird',
  'In which time': 'In welcher Zeit',
  'For this member': 'Für dieses Mitglied',
  'For each member with this role': 'Für jedes Mitglied mit dieser Rolle',
  'For all members together': 'Für alle Mitglieder zusammen',
  'Remove a quota': 'Ein Kontingent entfernen',
  'Show all quotas, or what a member has used': 'Alle Kontingente zeigen, oder was ein Mitglied verbraucht hat',
  'This member': 'Dieses Mitglied',
  'Give a member more, once, in every quota that runs now':
    'Einem Mitglied einmalig mehr geben, in jedem laufenden Kontingent',
  'Who gets it': 'Wer es bekommt',
  'How much more': 'Wie viel mehr',
  'Say whom quotas, cooldown and the limit of requests do not bind':
    'Sagen, für wen Kontingente, Wartezeit und Zahl der Aufträge nicht gelten',
  'on: unlimited; off: bound again': 'on: unbegrenzt; off: wieder begrenzt',
  'Set the time between two requests of a member': 'Die Zeit zwischen zwei Aufträgen eines Mitglieds festlegen',
  'Seconds; 0: none': 'Sekunden; 0: keine',
  'Set how many unfinished requests a member may have':
    'Festlegen, wie viele unfertige Aufträge ein Mitglied haben darf',
  'At most; 0: any number': 'Höchstens; 0: beliebig viele',
  'Set the largest picture, by its area': 'Das größte Bild festlegen, nach seiner Fläche',
  'Pixels; 0: whatever the model can do': 'Pixel; 0: was immer das Modell kann',
  'Pixels; by default a square': 'Pixel; sonst ein Quadrat',
  'Set the most steps of a picture': 'Die meisten Schritte eines Bildes festlegen',
  'Choose the channels that Easel draws in; without one, all':
    'Die Kanäle wählen, in denen Easel zeichnet; ohne einen alle',
  'The channel': 'Der Kanal',
  'on: allow it too (the first one forbids all others); off: no longer':
    'on: auch erlauben (das Erste verbietet alle anderen); off: nicht mehr',
  'Choose the models that members may use; without one, all':
    'Die Modelle wählen, die Mitglieder nutzen dürfen; ohne eines alle',
  'The model': 'Das Modell',
  'Choose the styles that members may use; without one, all':
    'Die Stile wählen, die Mitglieder nutzen dürfen; ohne einen alle',
  'The style': 'Der Stil',
  'Set what members get where they say nothing': 'Festlegen, was gilt, wo Mitglieder nichts sagen',
  'Refuse prompts that contain a word or phrase': 'Prompts ablehnen, die ein Wort oder eine Wendung enthalten',
  'A word or phrase; * stands for any letters': 'Ein Wort oder eine Wendung; * steht für beliebige Buchstaben',
  'Allow a blocked word or phrase again': 'Ein gesperrtes Wort oder eine Wendung wieder erlauben',
  'List what is blocked': 'Aufzählen, was gesperrt ist',
  'Try whether a prompt would be refused': 'Ausprobieren, ob ein Prompt abgelehnt würde',
  'The prompt to try': 'Der Prompt zum Ausprobieren',
  'Only against this word or phrase, blocked or not': 'Nur gegen dieses Wort oder diese Wendung, gesperrt oder nicht',
  'Add a style, or replace one': 'Einen Stil hinzufügen oder ersetzen',
  'Lower-case letters, digits and hyphens': 'Kleinbuchstaben, Ziffern und Bindestriche',
  'The prompt; {prompt} is where the member’s words go': 'Der Prompt; {prompt} ist, wo die Worte des Mitglieds stehen',
  'What it keeps out of the picture': 'Was er vom Bild fernhält',
  'Add the styles of a file, CSV (name,prompt,negative_prompt) or JSON, in place of those so named':
    'Die Stile einer Datei hinzufügen, CSV (name,prompt,negative_prompt) oder JSON; gleichnamige ersetzen',
  'The file, such as styles.csv': 'Die Datei, etwa styles.csv',
  "Say what becomes of pictures that the operator's check flags":
    'Sagen, was mit Bildern geschieht, die die Prüfung des Betreibers meldet',
  What: 'Was',
  'Remove a style of this place': 'Einen Stil dieses Servers entfernen',
  'Set for how long the pictures and requests of this place are kept':
    'Festlegen, wie lange Bilder und Aufträge dieses Servers aufbewahrt werden',
  'Days; 0: as long as the operator does': 'Tage; 0: so lange wie der Betreiber',
  'Say where adult prompts are drawn': 'Sagen, wo Prompts für Erwachsene gezeichnet werden',
  Where: 'Wo',
  'Say which pictures are hidden until clicked': 'Sagen, welche Bilder bis zum Anklicken verborgen sind',
  Which: 'Welche',
  'Take no more requests of a member, and cancel those that wait':
    'Von einem Mitglied keine Aufträge mehr annehmen und die wartenden abbrechen',
  'The member': 'Das Mitglied',
  'Take requests of a banned member again': 'Von einem ausgesperrten Mitglied wieder Aufträge annehmen',
  'Take no new requests; what waits is still drawn': 'Keine neuen Aufträge annehmen; was wartet, wird noch gezeichnet',
  'Take requests again': 'Wieder Aufträge annehmen',
  'Cancel any request of this place': 'Einen beliebigen Auftrag dieses Servers abbrechen',
  'Show who drew how much: a chart and a table': 'Zeigen, wer wie viel gezeichnet hat: ein Diagramm und eine Tabelle',
  'Of the last so many days; 30 by default': 'Der letzten so vielen Tage; sonst 30',
  'Get the settings of this place as a file': 'Die Einstellungen dieses Servers als Datei bekommen',
  'Replace the settings of this place by those of a file':
    'Die Einstellungen dieses Servers durch die einer Datei ersetzen',
  'A file from /easel-admin export': 'Eine Datei von /easel-admin export',
  'Show what admins changed, newest first': 'Zeigen, was Admins geändert haben, das Neueste zuerst',
  'Go on after the entry with this id': 'Nach dem Eintrag mit dieser Id weitergehen',
  'Say what a reaction on a picture does': 'Sagen, was eine Reaktion auf ein Bild bewirkt',
  'Its name, such as sparkles, or the emoji': 'Ihr Name, etwa sparkles, oder das Emoji',
  'refine, upscale, again, …, or none': 'refine, upscale, again, … oder none',
};
