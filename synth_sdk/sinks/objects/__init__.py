"""Objects in S3: uploads that nobody sees before they are whole."""
