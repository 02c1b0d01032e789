import { MemoryTurnStore } from './memory-turn-store.ts';
import { turnStoreConformance } from './turn-store-conformance.ts';

const memory = new MemoryTurnStore();
turnStoreConformance('memory', () => memory);
