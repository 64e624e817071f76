"""Understanding beside Rasa's DIET with linear baselines: accuracy in five styles, cost, latency, memory, size."""
