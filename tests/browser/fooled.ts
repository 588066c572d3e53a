/** 12 prompts of 8 drafts: the reward is right about the first levels and fooled at the top. */
export const fooled = [
  'question,reply,rm_score,correct',
  ...Array.from({ length: 96 }, (_, i) => {
    const level = (i * 5) % 8;
    return `q${i % 12},reply ${i},${level / 10},${level > 2 && level < 6 ? 1 : 0}`;
  }),
].join('\n');
