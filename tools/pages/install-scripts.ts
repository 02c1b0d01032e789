/**
 * A package-lock.json by which no package runs a script of its own when it is installed: none of ours needs one, and
 * onnxruntime-node's would fetch CUDA's libraries. npm 11 asks for leave (`allowScripts` in package.json), but older ones
 * run every script that the lock tells of, and have no setting for it that later ones do not warn of.
 */
export function withoutInstallScripts(lock: string): string {
  return lock.replace(/^ *"hasInstallScript": true,\n/gm, '');
}
