"""What several tests stand on: the sandbox as a process, requests signed as the carrier signs them."""
