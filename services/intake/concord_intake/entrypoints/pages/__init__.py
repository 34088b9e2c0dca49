"""The pages for residents: each module draws one page and reads its form."""
