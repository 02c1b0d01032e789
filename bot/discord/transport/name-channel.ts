/**
 * Discord may tell an interaction's channel by `channel_id` alone, for `channel` is optional; discord.js reads only the
 * latter. To be given every packet before discord.js handles it: the packet is completed in place.
 */
export function nameChannel(packet: unknown): void {
  if (!isObject(packet) || packet.t !== 'INTERACTION_CREATE' || !isObject(packet.d)) return;
  const { d: interaction } = packet;
  if (interaction.channel === undefined && typeof interaction.channel_id === 'string') {
    interaction.channel = { id: interaction.channel_id };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
