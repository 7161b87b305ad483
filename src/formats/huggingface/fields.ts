/** Fields that the config.json of several architectures share. */
import { z } from "zod";

/** A number of layers, tokens or units: our own schema bounds it further. */
export const size = z
  .int()
  .positive()
  .max(2 ** 24);

/** Names of GELU: the exact one, and its tanh approximation under three names. */
export const geluName = z.enum(["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast"]);

export const geluOf = (name: z.output<typeof geluName>): "erf" | "tanh" => (name === "gelu" ? "erf" : "tanh");

/** `model.mlpWidth`, left out where it is the default. */
export const mlpWidthOf = (inner: number, width: number): { mlpWidth?: number } =>
  inner === 4 * width ? {} : { mlpWidth: inner };
