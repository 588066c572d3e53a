import { isFromDisk } from './disk.js';

/** For pages that have nothing else to do before they run. */
isFromDisk();
