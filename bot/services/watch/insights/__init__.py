"""Who uses what and how it goes, for administrators and for members: counts, never contents."""
