"""The published contracts: JSON Schemas of all events and the AsyncAPI document, made from the code."""
