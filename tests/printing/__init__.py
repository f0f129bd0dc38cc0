"""Paper: layouts against golden files, and every rendering decoded back by a reader that knows nothing of ours."""
