"""Public lists read from web pages: wage, tax and social-insurance arrears, the exchange's notices, TIPS selections."""
