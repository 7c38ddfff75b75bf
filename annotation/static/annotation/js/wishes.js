// The start page, where one says what one wants: labelling pages in other tabs ask at once whether what they have is still theirs.
new BroadcastChannel("castor/wishes").postMessage("said");
