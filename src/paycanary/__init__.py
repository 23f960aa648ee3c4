"""paycanary: will this company still be paying its people in a year, and how do we know?"""

__version__ = "0.1.0"
