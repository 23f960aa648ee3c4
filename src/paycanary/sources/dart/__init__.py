"""OpenDART (https://opendart.fss.or.kr), the disclosure register's API: client, its words, and what to ask it."""
