namespace FastRecurrent.Kernels; internal static class Hack { public static int Mode; }
