"""Networks in ONNX files: what they say of themselves, looked through, and run in a process of their own."""
