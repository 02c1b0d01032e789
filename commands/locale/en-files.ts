const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 });

/** What is said of files that people give: pictures, masks and whatever is attached. */
export const enFiles = {
  noPicture: 'This file is not a picture that can be read: send a PNG, JPEG, WebP or GIF.',
  pictureBytes: (given: number, most: number) =>
    `The picture has ${number(given / 1e6)} MB; at most ${number(most / 1e6)} MB are taken.`,
  picturePixels: (size: string, most: number) =>
    `The picture has ${size} pixels; at most ${number(most / 1e6)} million are taken.`,
  maskShape: (size: string, picture: string) =>
    `mask: ${size} does not lie on a picture of ${picture}; give one of the same shape.`,
  maskEmpty: 'mask: it marks nothing; paint white what is to be drawn anew, and leave the rest black.',
  maskFaint:
    'mask: a part of it is half see-through, which could mean either; erase what is to be drawn anew entirely, or paint it white on black.',
  tooManyBytes: (most: number, minutes: number) =>
    `You have sent ${number(most / 1e6)} MB of files within the hour; please wait ${minutes} min.`,
  notStored: 'This picture is no longer stored.',
  notTaken: (command: string, file: string) => `/${command} takes no file: remove ${file}.`,
  notOfPlatform: (file: string, platform: string) =>
    `${file} is not a file that ${platform} keeps; upload it to ${platform}.`,
  unreached: (file: string, platform: string) => `${file} could not be fetched from ${platform}; please try again.`,
  refused: (file: string, platform: string, status: number) =>
    `${file} could not be fetched from ${platform} (it answered ${status}); please upload it again.`,
  lacksScope: (file: string, scope: string) => `${file} could not be fetched: the app lacks the scope ${scope}.`,
  tooLarge: (file: string, mebibytes: number) => `${file} is larger than ${mebibytes} MiB; send a smaller one.`,
};
