const { withEntitlementsPlist } = require("expo/config-plugins");

/** Expo claims Apple's push service for every app that could use it. A build without keys does not, and needs no paid account. */
module.exports = (config) =>
  withEntitlementsPlist(config, (entitlements) => {
    delete entitlements.modResults["aps-environment"];
    return entitlements;
  });
