"""What the assistant does when something happens, one file a capability."""
