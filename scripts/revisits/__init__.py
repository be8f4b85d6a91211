"""The simulation behind `scripts/simulate_revisits`: portals that never were, and policies that watch them."""
