"""The suite that ships: the contract of Xen's tasklets."""
