import { expect, test } from "vitest";
import { HEADERS, PLATFORMS, platformFor } from "../../src/engine/native-setup/platforms.ts";

test("every platform is pinned by two SHA-256, names two libraries and says what was tried", () => {
  for (const { wheel, zig, libraries, tried } of PLATFORMS) {
    for (const { sha256, requirement, bytes } of [wheel, zig]) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(requirement).toMatch(/^[a-z-]+==\d+\.\d+\.\d+$/);
      expect(bytes).toBeGreaterThan(1e6);
    }
    expect(libraries).toHaveLength(2);
    expect(tried).not.toBe("");
  }
  expect(HEADERS).toHaveLength(14);
});

test("a machine finds its platform, or the reason why it has none", () => {
  expect(platformFor({ platform: "linux", arch: "x64", glibc: "2.27" }).id).toBe("linux-x64");
  expect(platformFor({ platform: "darwin", arch: "arm64" }).id).toBe("darwin-arm64");
  const refused = (platform: string, arch: string, glibc?: string) => () =>
    platformFor({ platform, arch, glibc });
  expect(refused("win32", "x64")).toThrow(
    "setup: no TensorFlow library for win32-x64; use one of linux-x64, linux-arm64, darwin-arm64",
  );
  expect(refused("linux", "x64")).toThrow("without glibc");
  expect(refused("linux", "x64", "2.17")).toThrow("glibc is 2.17, TensorFlow needs 2.27");
});
