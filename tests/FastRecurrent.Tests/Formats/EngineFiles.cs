// The assembly for ONNX compiles this type's source too: the tests mean the engine's.
extern alias engine;

global using AtomicFile = engine::FastRecurrent.Files.AtomicFile;
