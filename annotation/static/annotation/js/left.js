// Somebody has signed out in this browser: labelling pages that are still open look whether it was their person.
new BroadcastChannel("castor/leaving").postMessage("left");
