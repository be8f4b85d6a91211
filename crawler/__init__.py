"""portalwatch: fetches provincial portals, reads their pages, and tells what changed. The archive is `storage`."""
