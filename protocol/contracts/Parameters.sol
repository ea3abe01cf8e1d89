// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Governed} from "./Governed.sol";
import {IParameters} from "./interfaces/IParameters.sol";

/// @notice The numbers that governance sets, for every contract of the protocol that has some.
abstract contract Parameters is Governed, IParameters {
    struct Range {
        uint128 minimum;
        uint128 maximum;
    }

    mapping(bytes32 parameter => uint256) private _values;
    mapping(bytes32 parameter => Range) private _ranges;

    function parameter(bytes32 name) public view returns (uint256) {
        return _values[name];
    }

    function parameterRange(bytes32 name) external view returns (uint256 minimum, uint256 maximum) {
        Range storage range = _ranges[name];
        return (range.minimum, range.maximum);
    }

    /// @notice Governance tunes one of this contract's numbers inside the range fixed at deployment.
    function setParameter(bytes32 name, uint256 value) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Range storage range = _ranges[name];
        if (range.maximum == 0 || value < range.minimum || value > range.maximum) {
            revert ParameterOutOfRange(name, value, range.minimum, range.maximum);
        }
        emit ParameterUpdated(name, _values[name], value);
        _values[name] = value;
    }

    /// @dev Only from a constructor: declares a parameter, its range and its start value.
    function _defineParameter(bytes32 name, uint256 value, uint128 minimum, uint128 maximum) internal {
        if (value < minimum || value > maximum) revert ParameterOutOfRange(name, value, minimum, maximum);
        _ranges[name] = Range(minimum, maximum);
        _values[name] = value;
        emit ParameterUpdated(name, 0, value);
    }
}
