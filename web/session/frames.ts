/**
 * Shares frames among figures that all want to be redrawn: each frame draws as many as its time allows, the rest follow
 * in the next ones. A slow machine then shows every figure a little less often instead of all of them with a stutter.
 */
const budget = 3;
/** Milliseconds between frames from which one is late: drawing costs more than its script. */
const late = 20;
/** Frames further apart than this are no frames of one movement. */
const apart = 500;
/** What a frame draws: as much as its time allows, one figure, or one in every other frame. */
let pace: 'full' | 'one' | 'half' = 'full';
/**
 * Milliseconds without a late frame after which more is tried. Whenever that comes late again, the next try waits twice
 * as long, up to a limit: a machine that is slow stays slow.
 */
let memory = 500;
const longest = 8000;
let lateAt = Number.NEGATIVE_INFINITY;
let triedAt = Number.NEGATIVE_INFINITY;
/** Figures that are in view for the most part, and those of which only an edge is. */
const waiting: (() => void)[] = [];
const edges: (() => void)[] = [];
/** Of so many turns one is for an edge, while others wait. */
const share = 4;
let turns = 0;
let asked = false;
/** When words last changed. */
let wordedAt = Number.NEGATIVE_INFINITY;
/** Whether this frame draws nothing. */
let rests = false;
let last = 0;

function frame(now: number) {
  const start = performance.now();
  if (now - last > late && now - last < apart) {
    if (now - triedAt < apart) memory = Math.min(longest, 2 * memory);
    // One late frame may be an accident, two are not.
    if (pace === 'full') pace = 'one';
    else if (now - lateAt < apart) pace = 'half';
    lateAt = now;
  } else if (pace !== 'full' && now - Math.max(lateAt, triedAt) > memory) {
    pace = pace === 'half' ? 'one' : 'full';
    triedAt = now;
  }
  // New words are laid out in this frame: that is its share.
  const words = pace !== 'full' && wordedAt > last;
  rests = words || (pace === 'half' && !rests);
  last = now;
  if (rests) {
    requestAnimationFrame(frame);
    return;
  }
  do {
    const edge = waiting.length === 0 || (edges.length > 0 && ++turns % share === 0);
    (edge ? edges : waiting).shift()?.();
  } while (pace === 'full' && waiting.length + edges.length > 0 && performance.now() - start < budget);
  asked = waiting.length + edges.length > 0;
  if (asked) requestAnimationFrame(frame);
}

/**
 * Resolves once `draw` had its turn.
 * @param edge whether little of what it draws is in view
 */
export function inTurn(draw: () => void, edge = false): Promise<void> {
  return new Promise((resolve) => {
    (edge ? edges : waiting).push(() => {
      draw();
      resolve();
    });
    if (!asked) {
      asked = true;
      requestAnimationFrame(frame);
    }
  });
}

/** Milliseconds between two wordings, where frames come late: nobody reads faster. */
const wording = 250;
/** Milliseconds in which only one part of the page says something new: two frames in three are for figures. */
const between = 40;
/** Milliseconds after which a hand that holds a thumb but moves it no more has stopped dragging. */
const rest = 300;
let draggedAt = Number.NEGATIVE_INFINITY;

/** A change by a hand that drags, or the one that ends it. */
export function dragged(released: boolean): void {
  draggedAt = released ? Number.NEGATIVE_INFINITY : performance.now();
}

/**
 * The words of one part of the page. To lay them out anew costs as much as to draw a figure, so where frames come late
 * during a drag they change only as often as they can be read; what is drawn keeps following the hand.
 */
export class Words<T> {
  #said: T | undefined;
  #at = Number.NEGATIVE_INFINITY;
  #timer = 0;
  readonly #again: () => void;

  /** @param again renders the part once its words may change */
  constructor(again: () => void) {
    this.#again = again;
  }

  /** What `make` says now, or what it said last where that may not change yet. */
  say(make: () => T): T {
    const now = performance.now();
    const wait =
      pace !== 'full' && now - draggedAt < rest ? Math.max(this.#at + wording - now, wordedAt + between - now) : 0;
    if (wait > 0 && this.#said !== undefined) {
      this.#timer ||= window.setTimeout(() => {
        this.#timer = 0;
        this.#again();
      }, wait);
      return this.#said;
    }
    this.stop();
    this.#at = now;
    wordedAt = now;
    this.#said = make();
    return this.#said;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
