/** The engine finds its wasm file by its own address, which Vite's dependency bundles would change in development. */
export default { optimizeDeps: { exclude: ['tiltlab'] } };
