// The carrier's own browser telephone, as one ES module.
export { Device } from "@twilio/voice-sdk";
