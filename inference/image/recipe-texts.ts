import type { Arithmetic } from '../../commands/engine.ts';
import { formatInfotext } from '../../commands/infotext.ts';
import type { Recipe } from '../../commands/recipe.ts';
import manifest from '../../package.json' with { type: 'json' };

const SOFTWARE = `Easel ${manifest.version}`;

/** IPTC's word for a picture that a trained model made, by which other programs tell it from a photograph. */
const DIGITAL_SOURCE_TYPE = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/**
 * What a picture's file says of itself, by PNG keyword: its recipe, what made it, that a model did, and what it was
 * computed in where that was not exact, for then the recipe alone does not make the same picture again.
 */
export function recipeTexts(recipe: Recipe, arithmetic: Arithmetic = 'float32'): Readonly<Record<string, string>> {
  return {
    parameters: formatInfotext(recipe),
    Software: SOFTWARE,
    ...(arithmetic !== 'float32' && { Arithmetic: arithmetic }),
    'XML:com.adobe.xmp': XMP_PACKET,
  };
}

/** What says in any format that a model made this: an XMP packet (ISO 16684-1); its begin attribute holds a byte order mark. */
export const XMP_PACKET = [
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
  '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
  ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
  ` xmp:CreatorTool="${SOFTWARE}" Iptc4xmpExt:DigitalSourceType="${DIGITAL_SOURCE_TYPE}"/>`,
  '</rdf:RDF></x:xmpmeta>',
  '<?xpacket end="r"?>',
].join('\n');
