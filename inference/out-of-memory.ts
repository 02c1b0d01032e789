/** Libraries name what the system refused them, memory or threads for want of it, only in their messages. */
export function isOutOfMemory(message: string): boolean {
  return /bad_alloc|out of ?memory|failed to allocate|allocation failed|cannot allocate|resource temporarily unavailable/i.test(
    message,
  );
}
