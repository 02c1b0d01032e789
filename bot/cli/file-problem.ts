import { isDiskFull } from '../disk-full.ts';

/** Why the file system refused, in words. */
export function fileProblem(error: unknown): string {
  if (isDiskFull(error)) return 'the disk is full';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'it is not allowed';
    case 'EISDIR':
      return 'it is a folder';
    case 'EFBIG':
      return 'files may not be so large there';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
