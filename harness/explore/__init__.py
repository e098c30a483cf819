"""Search over interleavings: strategies, reduction, race detection, minimisation, replay."""
