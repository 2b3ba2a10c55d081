/** No browser is to take what an agent has written for a page of ours. */
export const RAW_HEADERS = {
  "content-type": "application/octet-stream",
  "content-disposition": "attachment",
  "content-security-policy": "sandbox",
  "x-content-type-options": "nosniff",
};
