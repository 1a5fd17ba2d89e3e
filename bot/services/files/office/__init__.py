"""The words of office files: DOCX, XLSX and PPTX are zipped XML. Run by `confined`, so they import nothing of ours."""
