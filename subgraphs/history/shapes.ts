/** A device is known here by its id alone. */
export type DeviceShape = { id: string };
