/**
 * What the engine's process gets of the environment. It reads strangers' files with native code: what is not known to be
 * needed (anybody's token, of Easel or not) stays outside, so this is a list of what is let through. `NODE_`, `NVIDIA_` and
 * `HF_` are no prefixes here: NODE_AUTH_TOKEN and NVIDIA_API_KEY are secrets.
 */
const NAMES: ReadonlySet<string> = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TMP', 'TEMP', 'UV_THREADPOOL_SIZE'],
  ...['NODE_ENV', 'NODE_OPTIONS', 'NODE_PATH', 'NODE_V8_COVERAGE', 'NODE_NO_WARNINGS'],
  ...['NVIDIA_VISIBLE_DEVICES', 'NVIDIA_DRIVER_CAPABILITIES', 'NVIDIA_TF32_OVERRIDE', 'DISPLAY', 'WAYLAND_DISPLAY'],
  ...['SYSTEMROOT', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA'],
]);
const PREFIXES = ['LC_', 'LD_', 'DYLD_', 'CUDA_', 'CUDNN_', 'CUBLAS_', 'OMP_', 'GOMP_', 'KMP_', 'MALLOC_', 'VIPS_']
  .concat(['VK_', 'MESA_', 'LIBGL_', 'XDG_', 'FONTCONFIG_', 'ORT_'])
  .sort();

/** The environment for the engine's process: no secret, and nothing that was not foreseen. */
export function engineEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const needed = Object.entries(environment).filter(([name]) => {
    const upper = name.toUpperCase();
    return NAMES.has(upper) || PREFIXES.some((prefix) => upper.startsWith(prefix));
  });
  // ONNX Runtime would tell its makers of each start, and keep files with fixed names in the shared temporary folder.
  return { ...Object.fromEntries(needed), ORT_DISABLE_TELEMETRY: '1' };
}
