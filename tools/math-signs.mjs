/** Letters of Mathematical Italic in place of plain ones, as MathML sets an identifier of one letter. */
const italic = (letter) => {
  if (letter === 'h') return 'ℎ';
  const code = letter.codePointAt(0);
  const from = (first, last, start) =>
    code >= first && code <= last ? String.fromCodePoint(start + code - first) : '';
  return (
    from(0x41, 0x5a, 0x1d434) ||
    from(0x61, 0x7a, 0x1d44e) ||
    from(0x391, 0x3a9, 0x1d6e2) ||
    from(0x3b1, 0x3c9, 0x1d6fc) ||
    { ϵ: '𝜖', ϑ: '𝜗', ϰ: '𝜘', ϕ: '𝜙', ϱ: '𝜚', ϖ: '𝜛', '∂': '𝜕' }[letter] ||
    letter
  );
};

/**
 * @param {readonly string[]} formulas MathML
 * @returns {string[]} every sign that they are set in, each once
 */
export const signsOf = (formulas) => {
  const plain = formulas
    .join('')
    .replaceAll(/<annotation.*?<\/annotation>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  const all = [...plain].filter((sign) => !/\s/.test(sign));
  return [...new Set(all.flatMap((sign) => [sign, italic(sign)]))].sort();
};
