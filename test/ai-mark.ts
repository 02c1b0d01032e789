import sharp from 'sharp';

/** Whether a file says by IPTC's word that a model made it, as other programs would look for it. */
export async function isMarkedAsAi(bytes: Uint8Array): Promise<boolean> {
  const { xmp } = await sharp(bytes).metadata();
  return /DigitalSourceType="http:\/\/cv\.iptc\.org\/newscodes\/digitalsourcetype\/trainedAlgorithmicMedia"/.test(
    xmp?.toString() ?? '',
  );
}
