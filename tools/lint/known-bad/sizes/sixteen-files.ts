// tools/lint/known-bad/sizes/sixteen-files/a.mjs breaks gatehouse/folder-size
export const name = 1;

// tools/lint/known-bad/sizes/fifteen-files/a.mjs breaks nothing
export const name = 1;
