import { turnStoreConformance } from '../web/turn-store-conformance.ts';
import { storeConformance } from './conformance.ts';
import { onEveryStore } from './stores.ts';

onEveryStore('the store', (context) => {
  storeConformance(context);
  turnStoreConformance('the store', () => context.store().turns);
});
