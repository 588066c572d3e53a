import type { Scenario } from '../scenario/scenario.js';
import type { ViewOptions } from './facade.js';
import type { Block, BlockReply, Simulated } from './simulation.js';
import type { Drafts, View } from './types.js';

/** Parts of a view that a change often leaves as they are. */
export const kept = ['frontier', 'gap'] as const;
export type Kept = (typeof kept)[number];

/** What the page asks of the worker. Requests are answered in order, one at a time. */
export type Request =
  /** Loads the engine, which else waits until it is asked for something. */
  | { type: 'start' }
  /** Of one of several who ask: each is told what changed since its own last view. */
  | { type: 'view'; lane: number; scenario: Scenario; options: ViewOptions }
  /** A lane asks for nothing any more. */
  | { type: 'leave'; lane: number }
  | { type: 'drafts'; scenario: Scenario; replicate: number }
  /** Of the last block's scenario where none is given: thousands of blocks are asked for, of many outcomes perhaps. */
  | { type: 'block'; scenario?: Scenario; block: number }
  /** Holds a lock for as long as the worker lives: a terminated worker says nothing, but lets go of it. */
  | { type: 'hold'; lock: string }
  | { type: 'summarise'; scenario: Scenario; blocks: readonly Block[] };

export type Reply =
  /** Sent by a worker's first line: one that may not start never says it. */
  | { type: 'alive' }
  | { type: 'ready'; version: string }
  /** The engine is there and computes the view: what it takes from here on is no loading. */
  | { type: 'begun' }
  /** Without the parts that are those of the lane's last view: a drag moves little of it. */
  | { type: 'view'; view: Omit<View, Kept> & Partial<View>; same: Kept[] }
  /** null where no drafts can be written out. */
  | { type: 'drafts'; drafts: Drafts | null }
  | { type: 'simulated'; simulated: Simulated }
  | { type: 'held' }
  | BlockReply
  | { type: 'error'; kind: string; message: string; path: string };
