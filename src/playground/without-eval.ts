/** The page's policy forbids `eval`, by which schemas would be compiled: they are read as they are. */
import { config } from "zod";

config({ jitless: true });
