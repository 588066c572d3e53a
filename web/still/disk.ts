/**
 * Whether a document was opened from a disk, where browsers run no modules and fetch no wasm: then it says which file works
 * there, in place of what would stay blank.
 */
export function isFromDisk(): boolean {
  if (location.protocol !== 'file:') return false;
  addEventListener('DOMContentLoaded', () => {
    const words = document.createElement('p');
    words.style.cssText = 'max-width:40em;margin:20vh auto;padding:0 1em;font:18px/1.5 system-ui,sans-serif';
    words.append('This page was opened from a disk, where browsers run it only in one piece. Open ');
    words.append(Object.assign(document.createElement('a'), { href: './tilt-lab.html', textContent: 'tilt-lab.html' }));
    words.append(', which is all of it in one file, or let a server show this folder.');
    document.body.replaceChildren(words);
  });
  return true;
}
