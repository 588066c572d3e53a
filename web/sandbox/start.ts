/**
 * The embed's first script. Modules are fetched with CORS, which a sandboxed frame has no origin for; there one classic
 * script holds everything.
 */
const script = document.currentScript as HTMLScriptElement;
const { module: path = '', classic = '' } = script.dataset;
if (self.origin === 'null') {
  const alone = document.createElement('script');
  alone.src = classic;
  document.head.append(alone);
} else {
  void import(/* @vite-ignore */ new URL(path, document.baseURI).href);
}

export {};
