"""The tabs of the page that explain the networks; ``app.py`` puts them beside the pad."""
