"""The models behind a server of their own: Open Inference Protocol v2 over REST and gRPC, on KServe's SDK. Extra ``models``."""
